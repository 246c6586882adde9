"""What a user asks for, from whichever door: renders, measures, clicks."""

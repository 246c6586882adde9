"""How the studio gets onto a computer. Standard library alone: launch.py runs on a bare Python."""

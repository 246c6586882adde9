"""One click on one frame of a series, masks on all: frames are streamed, one in memory."""

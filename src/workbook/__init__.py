"""The tool that builds the tags, replays the chapters and helps readers along."""

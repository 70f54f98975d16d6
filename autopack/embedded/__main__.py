"""What Autopack starts: `… keep HOME` is the keeper, `… exec PARENT SIGNAL IDENTITY -- ARGV…` confines."""

import sys

from autopack.embedded import confined, keeper

if __name__ == "__main__":
    verb, *arguments = sys.argv[1:]
    {"keep": keeper.main, "exec": confined.main}[verb](arguments)

"""`python -m spinewise.safety` writes the parsed form of the rules anew; to be run after a rule or a concept was changed."""

from spinewise.safety.compiled import FILE, write
from spinewise.safety.rules import HERE, load

if __name__ == "__main__":
    write(load(HERE))
    print(f"wrote {FILE.name}")

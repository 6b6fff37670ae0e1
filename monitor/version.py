"""The version of the program: written once, in the package's metadata and here."""

VERSION = "0.1.0"

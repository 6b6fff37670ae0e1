"""Charts as lines of styled text: typed inputs, a size in cells and a style in; spans out. No screen, no file, no clock."""

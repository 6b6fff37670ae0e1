"""The board without a screen: rows, columns and lines that the text board and the terminal both draw."""

from monitor.board.columns import layout
from monitor.board.rows import BoardRow, board_rows
from monitor.board.text import board_lines, text_board

__all__ = ["BoardRow", "board_lines", "board_rows", "layout", "text_board"]

"""Facebook Live on a Page: comments read and written, codes by private reply."""

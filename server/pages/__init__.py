"""HTML pages, in French; they work without JavaScript and load nothing from elsewhere."""

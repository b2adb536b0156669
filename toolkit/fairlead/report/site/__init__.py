"""The pages of a repository's environments: pure, from rendered objects to Markdown, HTML and SVG."""

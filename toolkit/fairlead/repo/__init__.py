"""What a repository says about itself: configuration, layout, who reads which file. Pure: snapshots in, values out."""

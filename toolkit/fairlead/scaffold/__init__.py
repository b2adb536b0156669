"""Adapter to Copier: a template and answers become files in memory. Knows neither git nor prompts."""

"""What the pages of both programs look like: styles, scripts, charts, language, headers, guards."""

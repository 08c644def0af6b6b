"""What people see: a web server for pages, pictures as models see them, answers in words."""

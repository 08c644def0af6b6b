"""The format `image_folder`."""

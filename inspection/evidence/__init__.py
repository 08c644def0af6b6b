"""What lies in the files behind artifacts, as plain data; read without TensorFlow."""

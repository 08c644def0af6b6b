"""Everything that ends up inside the SavedModel: features, preprocessing, network, export, Hub."""

"""What holds in both shapes of the product, tested on one installation of each that all files here share."""

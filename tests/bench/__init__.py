"""What is measured, apart from what is tested: each module has `main()` and prints its figures (`make bench`)."""

"""What was found, in plain sentences, by subject: values in, text out; what is missing is left out."""

cidrs = ["0.0.0.0/0"]
size  = 5

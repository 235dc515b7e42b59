size = 2
owner = "tfvars"

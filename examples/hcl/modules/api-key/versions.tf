terraform {
  required_version = ">= 1.7"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100.0"
    }
    keyturn = {
      source = "registry.terraform.io/keyturn/keyturn"
    }
  }
}

terraform {
  required_version = ">= 1.11"
  required_providers {
    keyturn = {
      source = "registry.terraform.io/keyturn/keyturn"
    }
  }
}

provider "keyturn" {
  inspect_function = "keyturn-platform-prod-inspect"
  manage_function  = "keyturn-platform-prod-manage"
  region           = "eu-central-1"
}

data "keyturn_api_keys" "pictify" {
  vendor = "pictify"
}

# Keys that nobody accounts for, by their age in days, and what is left of the plan.
output "unmanaged" {
  value = {
    for key in data.keyturn_api_keys.pictify.keys : key.key_id => key.age_days if key.owner != "managed"
  }
}

output "slots_left" {
  value = data.keyturn_api_keys.pictify.slots_left
}

# Warns where no slot is left for the next rotation.
check "a_slot_is_left" {
  assert {
    condition     = coalesce(data.keyturn_api_keys.pictify.slots_left, 1) > 0
    error_message = "The vendor's plan has no slot left: the next rotation fails."
  }
}

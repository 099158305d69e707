variable "service" {
  description = "Name of the Keyturn service that looks after the key."
  type        = string
}

variable "rotate_function_arn" {
  description = "ARN of the service's function rotate."
  type        = string
}

variable "name" {
  description = "Name of the key: 1 to 40 of a-z, 0-9 and -, unique in the service."
  type        = string
}

variable "vendor" {
  description = "The service's vendor connection."
  type        = string
}

variable "role" {
  description = "What the key may do, at vendors whose keys have a role (Pictograph). Either role or type."
  type        = string
  default     = null
}

variable "type" {
  description = "What the key may do, at vendors whose keys have a type (Pictify). Either role or type."
  type        = string
  default     = null
}

variable "secret_name" {
  description = "Name of the secret, under keyturn/<service>/. Null: keyturn/<service>/<name>. Another one is another key."
  type        = string
  default     = null
}

variable "rotate_after_days" {
  description = "Days until a generation is replaced."
  type        = number
  default     = 90
}

variable "overlap" {
  description = "How long old and new generation are both valid (ISO 8601). Null: the service's default, PT24H."
  type        = string
  default     = null
}

variable "quiet" {
  description = "How long the old one must be unused before it is revoked (ISO 8601). Null: the service's default, PT1H."
  type        = string
  default     = null
}

variable "deadline" {
  description = "When somebody is told of an old generation that stays (ISO 8601). Null: the service's default, P14D."
  type        = string
  default     = null
}

variable "on_deadline" {
  description = "What happens to it then: report or revoke. Null: the service's default, report."
  type        = string
  default     = null
}

variable "adopt_key_id" {
  description = "The vendor's id of a key made by hand, whose value the secret holds, that is taken over."
  type        = string
  default     = null
}

variable "force_destroy" {
  description = "Destroy the key even when the vendor saw it in use of late."
  type        = bool
  default     = false
}

variable "recovery_window_in_days" {
  description = "Days that AWS keeps a destroyed secret, 7 to 30, or 0; its name is taken until then."
  type        = number
  default     = 30
}

variable "kms_key_id" {
  description = "KMS key of the secret. Null: AWS's own key."
  type        = string
  default     = null
}

variable "description" {
  description = "Description of the secret. Null: vendor and name."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of your own."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.tags) : !startswith(name, "keyturn:")])
    error_message = "A tag keyturn: is a part of the declaration: set the module's variables instead."
  }
}

variable "timeouts" {
  description = "How long an apply waits for create, update and delete, such as 30m. Null: 20m each."
  type = object({
    create = optional(string)
    update = optional(string)
    delete = optional(string)
  })
  default = {}
}

output "secret_arn" {
  description = "ARN of the secret: what workloads read the value from."
  value       = aws_secretsmanager_secret.this.arn
}

output "secret_name" {
  description = "Name of the secret."
  value       = aws_secretsmanager_secret.this.name
}

output "key_id" {
  description = "The vendor's id of the current generation."
  value       = keyturn_api_key.this.key_id
}

output "status" {
  description = "How the key stands: current, rotating, missing or revoked."
  value       = keyturn_api_key.this.status
}

output "next_rotation_at" {
  description = "When it will be rotated."
  value       = keyturn_api_key.this.next_rotation_at
}

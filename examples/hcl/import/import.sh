terraform import keyturn_api_key.web_shop keyturn/platform-prod/web-shop
terraform import keyturn_api_key.web_shop arn:aws:secretsmanager:eu-central-1:123456789012:secret:keyturn/platform-prod/web-shop-AbCdEf

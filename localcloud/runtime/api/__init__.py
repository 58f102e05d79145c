"""HTTP APIs (API Gateway v2) in front of functions.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api.html
"""

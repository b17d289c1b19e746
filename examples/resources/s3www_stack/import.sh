terraform import s3www_stack.site web/site

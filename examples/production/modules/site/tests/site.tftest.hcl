# `terraform test` and `tofu test`: what the module makes of its inputs, and what it
# refuses. The provider is a mock, so no cluster is asked.

mock_provider "s3www" {
  mock_resource "s3www_stack" {
    defaults = {
      id     = "web/site"
      bucket = "site"
    }
  }
}

variables {
  namespace = "web"
  content   = "../../content"
}

run "a_fixed_number_of_pods_has_no_autoscaler" {
  command = plan

  assert {
    condition     = s3www_stack.site.values.replicaCount == 2 && !s3www_stack.site.values.autoscaling.enabled
    error_message = "Two pods and no autoscaler were expected."
  }

  assert {
    condition     = !s3www_stack.site.values.ingress.enabled
    error_message = "No Ingress was asked for."
  }

  assert {
    condition     = s3www_stack.site.rollback_on_failure && !minio_bucket.site.force_destroy
    error_message = "An update that fails must go back, and a destroy must not delete content."
  }
}

run "a_range_of_pods_has_an_autoscaler" {
  command = plan

  variables {
    replicas = { min = 3, max = 6 }
  }

  assert {
    condition     = s3www_stack.site.values.autoscaling.minReplicas == 3 && s3www_stack.site.values.autoscaling.maxReplicas == 6
    error_message = "The autoscaler must work between 3 and 6."
  }
}

run "a_host_name_has_an_ingress_with_a_certificate" {
  command = plan

  variables {
    ingress = { host = "www.example.com", class = "nginx", tls_secret = "www-tls" }
  }

  assert {
    condition     = s3www_stack.site.values.ingress.hosts[0].host == "www.example.com" && s3www_stack.site.values.ingress.tls[0].secretName == "www-tls"
    error_message = "The Ingress must have the host and its certificate."
  }
}

run "one_pod_is_refused" {
  command = plan

  variables {
    replicas = { min = 1, max = 1 }
  }

  expect_failures = [var.replicas]
}

run "a_name_with_capitals_is_refused" {
  command = plan

  variables {
    name = "Site"
  }

  expect_failures = [var.name]
}

run "a_size_without_unit_is_refused" {
  command = plan

  variables {
    storage = { size = "10" }
  }

  expect_failures = [var.storage]
}

run "a_folder_without_index_is_refused" {
  command = plan

  variables {
    content = "."
  }

  expect_failures = [var.content]
}

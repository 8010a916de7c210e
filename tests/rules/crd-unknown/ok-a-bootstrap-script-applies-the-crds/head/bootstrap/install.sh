#!/bin/sh
set -eu
kubectl apply -f https://github.com/kubernetes-sigs/gateway-api/releases/download/v1.3.0/standard-install.yaml
flux bootstrap github --owner=acme --repository=fleet --path=clusters/production

#!/bin/sh
helmfile --file bootstrap/helmfile.yaml sync

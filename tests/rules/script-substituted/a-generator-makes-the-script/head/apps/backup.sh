stamp=$(date +%F)
tar -czf /backup/${stamp}.tar.gz /data

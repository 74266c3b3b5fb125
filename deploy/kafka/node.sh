#!/usr/bin/env bash
# Runs one Apache Kafka node (broker and controller, KRaft) until it is stopped.
#
# usage: node.sh DIR [PORT [CONTROLLER_PORT]]     data folder; ports default to 9092 and PORT + 1
#
# KAFKA_NODE_ID      number of this node in its cluster (1)
# KAFKA_QUORUM       all nodes as ID@HOST:CONTROLLER_PORT, comma-separated (this node alone)
# KAFKA_CLUSTER_ID   must be the same on all nodes of a cluster; kept in DIR after the first start
# KAFKA_ADVERTISED   port that clients are told to use, when a proxy stands before the node (PORT)
# KAFKA_HEAP         memory of the Java heap (512m)
# KAFKA_JARS         where the jars are, see jars.sh
#
# SIGTERM stops the node cleanly; started again on the same DIR it goes on, also after a kill -9.
# An open port is not yet a ready broker: wait until an admin client lists topics.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
dir=${1:?usage: node.sh DIR [PORT [CONTROLLER_PORT]]}
port=${2:-9092}
controller_port=${3:-$((port + 1))}
advertised=${KAFKA_ADVERTISED:-$port}
node_id=${KAFKA_NODE_ID:-1}
quorum=${KAFKA_QUORUM:-$node_id@127.0.0.1:$controller_port}

voters=${quorum//[^@]/}
copies=$((${#voters} < 3 ? ${#voters} : 3))
in_sync=$((copies > 1 ? copies - 1 : 1))
session=$((copies > 1 ? 3000 : 9000)) # who has only one waits rather than take it for dead

jars=$("$here/jars.sh")
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
properties=$dir/node.properties

cat > "$properties" << END
process.roles=broker,controller
node.id=$node_id
controller.quorum.voters=$quorum
listeners=CLIENTS://127.0.0.1:$port,CONTROLLERS://127.0.0.1:$controller_port
advertised.listeners=CLIENTS://127.0.0.1:$advertised
listener.security.protocol.map=CLIENTS:PLAINTEXT,CONTROLLERS:PLAINTEXT
controller.listener.names=CONTROLLERS
inter.broker.listener.name=CLIENTS
log.dirs=$dir/data

# Topics are made on purpose (hemu topics), with as many copies as there are nodes, up to three.
auto.create.topics.enable=false
num.partitions=12
default.replication.factor=$copies
min.insync.replicas=$in_sync
offsets.topic.replication.factor=$copies
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=$copies
transaction.state.log.min.isr=$in_sync
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=$copies
share.coordinator.state.topic.min.isr=$in_sync
share.coordinator.state.topic.num.partitions=4

# A group's first member need not wait for others; a dead one of several nodes is noticed in 3 s, not 9.
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=$session
broker.heartbeat.interval.ms=500
END

heap=${KAFKA_HEAP:-512m}
java=(
  java -Xms128m "-Xmx$heap" -XX:+UseG1GC
  -XX:TieredStopAtLevel=1 # starts in half the time; a node here is never busy
  "-Dlog4j2.configurationFile=$here/log4j2.properties"
  -cp "$jars/*"
)

if [[ ! -f $dir/data/meta.properties ]]; then
  cluster=${KAFKA_CLUSTER_ID:-$(head -c 15 /dev/urandom | base64 | tr '+/' 'ab')AA}
  rm -rf "$dir/draft"
  sed "s|^log.dirs=.*|log.dirs=$dir/draft|" "$properties" > "$dir/draft.properties"
  "${java[@]}" kafka.tools.StorageTool format \
    --cluster-id "$cluster" --config "$dir/draft.properties" > /dev/null
  rm -f "$dir/draft.properties"
  mv "$dir/draft" "$dir/data" # a start that is killed while formatting leaves nothing half done
fi

exec "${java[@]}" kafka.Kafka "$properties"

{{ standing() }}

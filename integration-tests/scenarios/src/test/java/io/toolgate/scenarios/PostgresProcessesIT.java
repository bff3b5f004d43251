package io.toolgate.scenarios;

class PostgresProcessesIT extends Processes {
    @Override
    String url() {
        return RealPostgres.url();
    }
}

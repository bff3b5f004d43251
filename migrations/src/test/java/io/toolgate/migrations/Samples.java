package io.toolgate.migrations;

/** Statements like the ones the store sends. */
final class Samples {

    private Samples() {}

    /** An INSERT of a fresh claim; the key must hold no quote. */
    static String claim(Database database, String key) {
        String id = "00000000-0000-0000-0000-" + String.format("%012x", key.hashCode());
        boolean sqlite = database == Database.SQLITE;
        return "INSERT INTO tg_idempotency (record_id, tenant, action, idempotency_key, status, fence, version,"
                + " claim_token, owner, lease_until, fingerprint, result, result_codec, failure_code, failure_message,"
                + " created_at, updated_at, expires_at) VALUES ("
                + (sqlite ? "x'" + id.replace("-", "") + "'" : "'" + id + "'")
                + ", 't', 'charge-card', '" + key + "', 'IN_PROGRESS', 1, 1, "
                + (sqlite ? "randomblob(16)" : "gen_random_uuid()")
                + ", 'host-1/42', "
                + (sqlite ? "31000, zeroblob(32)" : "now() + interval '30 s', decode(repeat('00', 32), 'hex')")
                + ", NULL, NULL, NULL, NULL, "
                + (sqlite ? "1000, 1000, 604801000)" : "now(), now(), now() + interval '7 days')");
    }

    /** The UPDATE that ends a run with a result of 200 bytes, on PostgreSQL. */
    static String complete(String key) {
        return "UPDATE tg_idempotency SET status = 'COMPLETED', version = version + 1, updated_at = clock_timestamp(),"
                + " result = decode(repeat('5a', 200), 'hex'), result_codec = 'json/1' WHERE idempotency_key = '" + key
                + "'";
    }
}

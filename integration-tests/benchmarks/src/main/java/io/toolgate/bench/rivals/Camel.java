package io.toolgate.bench.rivals;

import com.zaxxer.hikari.HikariDataSource;
import io.toolgate.bench.contender.BenchDatabase;
import io.toolgate.bench.contender.Contender;
import io.toolgate.bench.contender.ContenderFactory;
import java.sql.SQLException;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.apache.camel.processor.idempotent.jdbc.JdbcMessageIdRepository;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Apache Camel's repository of message ids, as its idempotent consumer calls it when eager: add, and remove if the run
 * failed; without a route around it, which would only add work. It promises that an id is added once; it keeps no
 * result, and a duplicate is dropped rather than made to wait. The id of an owner that died stays taken for good; the
 * orphan-aware repository takes it over by the application's clock, and the effect runs again.
 */
final class Camel implements ContenderFactory {
    private static final String PROCESSOR = "paid-action";

    @Override
    public String name() {
        return "camel";
    }

    @Override
    public String how() {
        return "JdbcMessageIdRepository as an eager idempotent consumer calls it, without a route around it: add (its"
                + " SELECT COUNT, then INSERT, for which insertString has ON CONFLICT DO NOTHING), with a"
                + " TransactionTemplate that autocommits; glue: a result table, written after the run, and polled"
                + " every "
                + Waiting.POLL.toMillis()
                + " ms by duplicates, which Camel drops. Pool as for jdbc. No lease: a crash leaves its key stuck.";
    }

    @Override
    public void install(BenchDatabase database) throws SQLException {
        ResultTable.create(database);
        try (HikariDataSource pool = database.pool(1)) {
            JdbcMessageIdRepository repository = repository(pool);
            repository.start();
            repository.stop();
        }
    }

    @Override
    public Contender open(BenchDatabase database, int concurrency) {
        HikariDataSource pool = database.pool(database.usualPoolSize(concurrency));
        JdbcMessageIdRepository repository = repository(pool);
        repository.start();
        return new Consuming(pool, repository, new ResultTable(pool));
    }

    /** One that makes its table when it starts, if there is none. */
    private static JdbcMessageIdRepository repository(DataSource pool) {
        JdbcMessageIdRepository repository =
                new JdbcMessageIdRepository(new JdbcTemplate(pool), new TransactionTemplate(new Autocommit()));
        repository.setProcessorName(PROCESSOR);
        repository.setInsertString(repository.getInsertString() + " ON CONFLICT DO NOTHING");
        return repository;
    }

    private record Consuming(HikariDataSource pool, JdbcMessageIdRepository repository, ResultTable results)
            implements Contender {
        @Override
        public String call(String key, Supplier<String> effect) throws Exception {
            if (!repository.add(key)) {
                return Waiting.until(key, () -> results.find(key));
            }
            String result = run(key, effect);
            results.add(key, result);
            return result;
        }

        private String run(String key, Supplier<String> effect) {
            try {
                return effect.get();
            } catch (RuntimeException | Error e) {
                repository.remove(key);
                throw e;
            }
        }

        @Override
        public void close() {
            repository.stop();
            pool.close();
        }
    }
}

package io.toolgate.applications;

import javax.sql.DataSource;
import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.JdbcTemplate;

/** Somebody's service: it lists the tables of its schema, and charges once if ToolGate is there. */
@SpringBootApplication
public class Application {
    /** Starts the service. */
    public static void main(String[] args) {
        SpringApplication.run(Application.class, args);
    }

    @Bean
    CommandLineRunner service(DataSource dataSource, Environment environment) {
        return args -> {
            if (isPresent("io.toolgate.ToolGate")) {
                System.out.println("charged: " + Payments.charge(dataSource, environment));
            }
            System.out.println("tables: "
                    + new JdbcTemplate(dataSource)
                            .queryForList(
                                    "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
                                    String.class));
        };
    }

    private static boolean isPresent(String type) {
        try {
            Class.forName(type);
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }
}

CREATE TABLE app_orders (id integer PRIMARY KEY);
INSERT INTO app_orders VALUES (1);

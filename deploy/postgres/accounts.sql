-- Run once, when the database is made: who may do what in it.
-- tocsin_owner migrates, backs up and restores; tocsin_writer is for the workers; tocsin_reader is for people and
-- dashboards, and only reads. What the last two may do with each table is in the migration (grant_access).
\set ON_ERROR_STOP on
\set owner_password `cat /run/secrets/tocsin_owner_password`
\set writer_password `cat /run/secrets/tocsin_writer_password`
\set reader_password `cat /run/secrets/tocsin_reader_password`

CREATE ROLE tocsin_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE tocsin_writer LOGIN PASSWORD :'writer_password';
CREATE ROLE tocsin_reader LOGIN PASSWORD :'reader_password' CONNECTION LIMIT 5;
ALTER ROLE tocsin_reader SET default_transaction_read_only = on;
ALTER ROLE tocsin_reader SET statement_timeout = '30s';
ALTER ROLE tocsin_reader SET idle_in_transaction_session_timeout = '60s';

SELECT current_database() AS database \gset
ALTER DATABASE :"database" OWNER TO tocsin_owner;
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO tocsin_writer, tocsin_reader;

ALTER SCHEMA public OWNER TO tocsin_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO tocsin_writer, tocsin_reader;
-- What migrations make later, and each day's partitions, can be read without a further GRANT.
ALTER DEFAULT PRIVILEGES FOR ROLE tocsin_owner IN SCHEMA public GRANT SELECT ON TABLES TO tocsin_writer, tocsin_reader;

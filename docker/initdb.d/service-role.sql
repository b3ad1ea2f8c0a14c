-- The role that the service connects as. It owns nothing: what it may do, `alembic upgrade head` grants.
-- The image runs this once, when the volume is new.
CREATE ROLE app LOGIN PASSWORD 'development';

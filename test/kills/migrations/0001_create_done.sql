-- Each migration leaves a row: one that was carried out twice leaves two.
CREATE TABLE done (migration text NOT NULL);
INSERT INTO done VALUES ('0001');

ALTER TABLE accounts DROP rate;

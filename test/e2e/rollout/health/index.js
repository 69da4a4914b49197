exports.handler = async ({ wave }) => ({ healthy: wave < 2, reason: `orders fail after wave ${wave}` });

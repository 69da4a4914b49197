exports.handler = async ({ wave }) => ({ healthy: wave < 2, reason: `orders fail after wave ${wave}` });

exports.unwell = async () => ({ healthy: false, reason: 'it broke down long ago' });

/** A page's text as one reads it, without tags and style. */
export const readable = (html: string): string =>
  html
    .replace(/<(style|title)>.*?<\/\1>/gs, '')
    .replace(/<\/?(strong|span|code|bdi|time|em|a)\b[^>]*>/g, '')
    .replace(/<[^>]+>/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replace(/&#(x27|39);/g, "'")
    .replaceAll('&amp;', '&')
    .replace(/\s+/g, ' ');

// Numbers as the tables of a report write them: powers of ten in place of E-notation.
const powers = (() => {
  const digits = '⁰¹²³⁴⁵⁶⁷⁸⁹';
  const raised = exponent => (exponent.startsWith('-') ? '⁻' : '') + exponent.replace(/[+-]/, '').replace(/\d/g, digit => digits[digit]);
  return text => String(text).replace(/([−-]?\d+(?:\.\d+)?)e([+-]?\d+)/g, (_, mantissa, exponent) => {
    const power = '10' + raised(exponent), sign = /^[−-]/.test(mantissa) ? '−' : '';
    const size = mantissa.replace(/^[−-]/, '');
    return sign + (size === '1' ? power : size + '·' + power);
  });
})();

// A number with some significant digits.
function short(value, significant = 4) {
  if (value === null || value === undefined) return '–';
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e7) return (value < 0 ? '−' : '') + size.toLocaleString('en');
  if (size >= 1e-3 && size < 1e5) return (value < 0 ? '−' : '') + Number(size.toPrecision(significant));
  const [mantissa, exponent] = value.toExponential(significant - 1).split('e');
  return powers(Number(mantissa) + 'e' + exponent);
}

// What a tooltip shows is text, never markup.
const plain = text => powers(text).replace(/[&<>"]/g, mark => `&#${mark.charCodeAt(0)};`);

'use strict';
(function () {
  const figures = JSON.parse(document.getElementById('figures').textContent);
  const tables = JSON.parse(document.getElementById('tables').textContent);
  const shown = {};

  const color = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  // What the page decides, so that figures follow light and dark and the width of the screen.
  function dressed(layout) {
    const narrow = window.innerWidth <= 600;
    const text = color('--text'), line = color('--line');
    const axis = given => Object.assign({ gridcolor: line, zerolinecolor: line, linecolor: line }, given);
    return Object.assign({}, layout, {
      paper_bgcolor: 'rgba(0,0,0,0)', plot_bgcolor: 'rgba(0,0,0,0)',
      font: { family: 'system-ui, "DejaVu Sans", sans-serif', size: narrow ? 11 : 13, color: text },
      margin: { l: narrow ? 44 : 64, r: 12, t: 64, b: 48 },
      modebar: { bgcolor: 'rgba(0,0,0,0)', color: line, activecolor: text },
      legend: { orientation: 'h', yanchor: 'bottom', y: 1.02, x: 0 },
      hoverlabel: { font: { family: 'system-ui, "DejaVu Sans", sans-serif' } },
      dragmode: narrow ? false : 'zoom',
      xaxis: axis(layout.xaxis), yaxis: axis(layout.yaxis)
    });
  }

  function draw(figure) {
    const view = figure.views[shown[figure.id] || 0];
    if (figure.layout.height) document.getElementById('f-' + figure.id).style.height = figure.layout.height + 'px';
    // A trace without a color of its own is drawn in that of the text.
    const traces = view.traces.map(trace => trace.type === 'scatter' && trace.line && !trace.line.color
      ? Object.assign({}, trace, { line: Object.assign({ color: color('--quiet') }, trace.line) }) : trace);
    const config = { displaylogo: false, responsive: true, displayModeBar: window.innerWidth <= 600 ? false : 'hover' };
    return Plotly.react('f-' + figure.id, traces, dressed(figure.layout), config);
  }

  function drawAll() { return Promise.all(figures.map(draw)); }

  document.querySelectorAll('select[data-figure]').forEach(select => select.addEventListener('change', () => {
    shown[select.dataset.figure] = Number(select.value);
    draw(figures.find(figure => figure.id === select.dataset.figure));
  }));

  // Numbers by value, texts by letters, empty cells last.
  function sort(table, column, descending) {
    const body = table.tBodies[0];
    const key = row => {
      const cell = row.cells[column];
      return 'value' in cell.dataset ? Number(cell.dataset.value) : cell.textContent;
    };
    const compare = (a, b) => {
      const x = key(a), y = key(b);
      if (x === '' || y === '') return (x === '') - (y === '');
      const order = typeof x === 'number' && typeof y === 'number' ? x - y : String(x).localeCompare(String(y), 'en', { numeric: true });
      return descending ? -order : order;
    };
    Array.from(body.rows).sort(compare).forEach(row => body.appendChild(row));
  }

  document.querySelectorAll('table').forEach(table => table.querySelectorAll('th').forEach((head, column) =>
    head.firstElementChild.addEventListener('click', () => {
      const descending = head.getAttribute('aria-sort') === 'ascending';
      table.querySelectorAll('th').forEach(other => other.removeAttribute('aria-sort'));
      head.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
      sort(table, column, descending);
    })));

  function save(name, type, text) {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([text], { type: type }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  const cell = value => value === null ? '' : /[",\n]/.test(value) ? '"' + String(value).replace(/"/g, '""') + '"' : String(value);

  document.querySelectorAll('button[data-csv]').forEach(button => button.addEventListener('click', () => {
    const table = tables.tables.find(other => other.name === button.dataset.csv);
    const heads = table.columns.map(column => column.unit ? column.name + ' [' + column.unit + ']' : column.name);
    const lines = [heads].concat(table.rows.map(row => table.columns.map(column => row[column.name])));
    save(table.name + '.csv', 'text/csv', lines.map(line => line.map(cell).join(',') + '\n').join(''));
  }));

  document.getElementById('save-json').addEventListener('click', () =>
    save('tables.json', 'application/json', JSON.stringify(tables, null, 1)));

  window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll);
  window.addEventListener('beforeprint', drawAll);
  window.addEventListener('afterprint', drawAll);
  // For a check in a browser: how many figures are drawn.
  drawAll().then(() => {
    const drawn = Array.from(document.querySelectorAll('.figure')).filter(div => div.querySelector('.main-svg'));
    document.body.dataset.drawn = String(drawn.length);
  });
}());

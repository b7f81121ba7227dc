'use strict';
(() => {
  const PAGE = 200;
  const home = document.getElementById('inspector');
  const flows = [...document.querySelectorAll('script.data')].map((block) => JSON.parse(block.textContent));
  const all = flows.flatMap((flow) => flow.steps.map((step) => ({ flow, step, text: words(flow, step) })));
  let shown = all;
  let page = 0;
  let chosen = null;

  function words(flow, step) {
    const { row } = step;
    return [flow.name, row.method, row.target, row.status, row.sentence, row.dialect, ...row.tolerances].join(' ').toLowerCase();
  }

  function element(name, attributes, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (key === 'onclick' || key === 'oninput') made.addEventListener(key.slice(2), value);
      else if (value !== undefined && value !== false) made.setAttribute(key, value === true ? '' : value);
    }
    made.append(...children.filter((child) => child !== null && child !== undefined));
    return made;
  }

  const search = element('input', { type: 'search', id: 'search', oninput: () => filter() });
  const count = element('span', { role: 'status' });
  const back = element('button', { type: 'button', onclick: () => turn(-1) }, 'Previous');
  const next = element('button', { type: 'button', onclick: () => turn(1) }, 'Next');
  const body = element('tbody');
  const detail = element('section', { class: 'detail', 'aria-label': 'Exchange', tabindex: '0' });
  const head = element('thead', {}, element('tr', {}, ...['#', 'Request', 'Status', 'ms', 'What happened'].map((title) => element('th', { scope: 'col' }, title))));

  function filter() {
    const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    shown = all.filter((entry) => wanted.every((word) => entry.text.includes(word)));
    page = 0;
    list();
  }

  function turn(by) {
    page += by;
    list();
  }

  function kind(status) {
    return status ? (status < 400 ? 'good' : 'bad') : 'none';
  }

  function list() {
    const pages = Math.max(1, Math.ceil(shown.length / PAGE));
    const from = page * PAGE;
    const part = shown.slice(from, from + PAGE);
    const rows = [];
    let flow = null;
    for (const entry of part) {
      if (entry.flow !== flow) {
        flow = entry.flow;
        rows.push(element('tr', { class: 'group' }, element('td', { colspan: '5' }, flow.name)));
      }
      const { row } = entry.step;
      const open = element('button', { type: 'button', class: 'open', onclick: () => choose(entry) }, row.method + ' ' + row.target);
      rows.push(
        element(
          'tr',
          { class: entry === chosen ? 'chosen' : undefined },
          element('td', {}, String(row.seq)),
          element('td', {}, open),
          element('td', { class: kind(row.status) }, String(row.status || 'none')),
          element('td', {}, row.elapsed_ms === null ? '' : row.elapsed_ms.toFixed(1)),
          element('td', {}, row.sentence),
        ),
      );
    }
    body.replaceChildren(...rows);
    count.textContent = shown.length + ' of ' + all.length + ' exchanges, page ' + (page + 1) + ' of ' + pages;
    back.disabled = page === 0;
    next.disabled = page + 1 >= pages;
  }

  function message(title, fields, content) {
    const parts = [element('h3', {}, title)];
    if (fields.length) parts.push(element('pre', { tabindex: '0' }, fields.map(([name, value]) => name + ': ' + value).join('\n')));
    if (content.bytes) {
      let text = content.text;
      if (!content.cut && !content.base64) {
        try {
          text = JSON.stringify(JSON.parse(text), null, 2);
        } catch {
          // It is shown as it is.
        }
      }
      const more = content.cut ? ' (the beginning of ' + content.bytes + ' bytes)' : content.base64 ? ' (base64)' : '';
      parts.push(element('p', {}, 'Body' + more), element('pre', { tabindex: '0' }, text));
    }
    return parts;
  }

  function value(json) {
    return json === undefined ? '-' : JSON.stringify(json);
  }

  function choose(entry) {
    chosen = entry;
    const { row, request, response, findings, changes, note } = entry.step;
    const parts = [element('h2', {}, row.seq + ': ' + (row.sentence || row.method + ' ' + row.target)), element('p', {}, row.at)];
    if (row.problem) parts.push(element('p', { class: 'bad' }, row.problem));
    if (note) parts.push(element('p', {}, 'Note: ' + note));
    for (const change of changes) {
      const head = element('tr', {}, ...['Path', 'Before', 'After'].map((title) => element('th', { scope: 'col' }, title)));
      const lines = change.lines.map((line) =>
        element('tr', {}, element('td', {}, line.path), element('td', {}, value(line.before)), element('td', {}, value(line.after))),
      );
      parts.push(element('h3', {}, change.what), element('table', { class: 'mono' }, element('thead', {}, head), element('tbody', {}, ...lines)));
    }
    if (findings.length) {
      parts.push(element('h3', {}, 'Findings'), element('ul', {}, ...findings.map((finding) => element('li', {}, finding.code + ' (' + finding.severity + '): ' + finding.message))));
    }
    parts.push(...message('Request: ' + row.method + ' ' + row.target, request.headers, request.body));
    if (response) parts.push(...message('Response: ' + row.status + ' ' + response.reason, response.headers, response.body));
    detail.replaceChildren(...parts);
    list();
    detail.focus();
  }

  home.append(
    element('div', { class: 'tools' }, element('label', { for: 'search' }, 'Search'), search, back, next, count),
    element('div', { class: 'panes' }, element('div', {}, element('table', {}, head, body)), detail),
  );
  detail.append(element('p', {}, 'Choose a request to see all of it.'));
  list();
  home.hidden = false;
  document.getElementById('list').hidden = true;
})();

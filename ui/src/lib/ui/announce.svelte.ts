/** What the page's one live region says to screen readers. */
class Announcer {
  text = $state('')

  say(text: string): void {
    // The same words twice are only read if the text goes away in between.
    this.text = ''
    queueMicrotask(() => (this.text = text))
  }
}

export const announcer = new Announcer()

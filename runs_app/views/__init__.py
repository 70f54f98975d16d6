"""Pages. Each authorises, asks selectors or one service, and renders."""

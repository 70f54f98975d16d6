"""Pages of the catalog. Each authorises, asks selectors or one service, and renders."""

"""SkySlope: the files of sales and listings that agents keep with their brokerage, over its session API."""
